-- units
-- what:    regions of the students stand for offices
-- grain:   one row per region
-- reads:   people
select distinct unit_code, date '2013-01-01' as valid_from, region as unit_name, 'office' as unit_type
from people
order by unit_code
