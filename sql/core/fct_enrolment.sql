-- fct_enrolment
-- what:    persons in batches with the unit they worked in when the batch ended
-- grain:   one row per batch_code and person_key
-- reads:   staging.stg_enrolments, staging.stg_batches, staging.stg_roster
-- params:  none
select
    enrolments.batch_code,
    enrolments.person_key,
    enrolments.arm,
    enrolments.status,
    roster.unit_code,
    cycle_of(batches.closed_on) as cycle
from staging.stg_enrolments as enrolments
inner join staging.stg_batches as batches on batches.batch_code = enrolments.batch_code
left join staging.stg_roster as roster
    on
        roster.person_key = enrolments.person_key
        and roster.valid_from <= batches.closed_on
        and (roster.valid_to is null or roster.valid_to > batches.closed_on)
