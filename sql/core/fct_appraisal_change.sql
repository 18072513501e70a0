-- fct_appraisal_change
-- what:    a person's predicate and the one before it
-- grain:   one row per person_key and period_end, from the second appraisal on
-- reads:   staging.stg_appraisals, staging.stg_roster
-- params:  none
-- note:    an appraisal belongs to the cycle in which its period ends
select
    appraisals.person_key,
    roster.unit_code,
    appraisals.period_end,
    appraisals.previous_predicate,
    appraisals.predicate,
    cycle_of(appraisals.period_end) as cycle
from staging.stg_appraisals as appraisals
left join staging.stg_roster as roster
    on
        roster.person_key = appraisals.person_key
        and roster.valid_from <= appraisals.period_end
        and (roster.valid_to is null or roster.valid_to > appraisals.period_end)
where appraisals.previous_predicate is not null
