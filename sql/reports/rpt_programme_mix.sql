-- rpt_programme_mix
-- what:    participants by programme, for telling whether two cycles had comparable programmes
-- grain:   one row per cycle and programme_code
-- reads:   core.fct_enrolment, core.dim_batch
-- params:  none
select enrolments.cycle, batches.programme_code, count(*) as persons
from core.fct_enrolment as enrolments
inner join core.dim_batch as batches on batches.batch_code = enrolments.batch_code
where enrolments.arm = 'trained'
group by enrolments.cycle, batches.programme_code
order by enrolments.cycle, batches.programme_code
