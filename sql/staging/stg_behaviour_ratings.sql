-- stg_behaviour_ratings
-- what:    observed behaviour of alumni and comparison persons
-- grain:   one row per batch_code, person_key, rater, wave and behaviour_number
-- reads:   accepted.behaviour_ratings
-- params:  none
select batch_code, person_key, rater, wave, behaviour_number, rating
from accepted.behaviour_ratings
