-- rpt_activity
-- what:    how much training ended in the cycle, and how many batches came of age for follow-up
-- grain:   one row
-- reads:   core.dim_batch, core.fct_enrolment, core.fct_attendance
-- params:  $cycle
select
    (select count(*) from core.dim_batch where cycle = $cycle) as batches,
    (select count(distinct programme_code) from core.dim_batch where cycle = $cycle) as programmes,
    (
        select count(distinct person_key) from core.fct_enrolment
        where cycle = $cycle and arm = 'trained' and status not in ('withdrawn', 'no_show')
    ) as persons,
    (select coalesce(sum(jp_attended), 0) from core.fct_attendance where cycle = $cycle) as jp_attended,
    (
        select count(*) from core.dim_batch
        where follow_up_cycle_t3 = $cycle and follow_up_planned
    ) as matured_batches
