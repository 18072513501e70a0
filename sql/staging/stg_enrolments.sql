-- stg_enrolments
-- what:    persons in batches, as participants or for comparison
-- grain:   one row per batch_code and person_key
-- reads:   accepted.enrolments
-- params:  none
select batch_code, person_key, arm, status
from accepted.enrolments
