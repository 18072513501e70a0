-- stg_targets
-- what:    targets by metric and year
-- grain:   one row per metric_id and year
-- reads:   accepted.targets
-- params:  none
select metric_id, year, target
from accepted.targets
