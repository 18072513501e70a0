-- fct_service_rating
-- what:    citizens' ratings of a unit's service by element
-- grain:   one row per response_code, unit_code and element
-- reads:   staging.stg_service_ratings
-- params:  none
select response_code, unit_code, element, rating, cycle_of(surveyed_on) as cycle
from staging.stg_service_ratings
