-- fct_need
-- what:    rated competence against the standard of the person's position
-- grain:   one row per person_key, competence_code, rater and assessed_on
-- reads:   staging.stg_needs
-- params:  none
select
    person_key,
    unit_code,
    competence_code,
    rater,
    assessed_on,
    actual_level,
    standard_level,
    importance,
    cause,
    cycle_of(assessed_on) as cycle
from staging.stg_needs
