-- fct_behaviour_due
-- what:    about whom a rating is owed, and in which cycle: batches whose follow-up was planned
-- grain:   one row per batch_code, person_key and wave
-- reads:   staging.stg_enrolments, staging.stg_batches
-- params:  none
-- note:    all participants who did not withdraw, and the comparison persons
select
    enrolments.batch_code,
    enrolments.person_key,
    enrolments.arm,
    waves.wave,
    cycle_of(cast(batches.closed_on + to_months(waves.months) as date)) as cycle
from staging.stg_enrolments as enrolments
inner join staging.stg_batches as batches on batches.batch_code = enrolments.batch_code
cross join (values ('T3', 3), ('T6', 6)) as waves (wave, months)
where batches.follow_up_planned and enrolments.status not in ('withdrawn', 'no_show')
