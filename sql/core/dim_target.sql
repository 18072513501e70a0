-- dim_target
-- what:    targets by metric and year
-- grain:   one row per metric_id and year
-- reads:   staging.stg_targets
-- params:  none
select metric_id, year, target
from staging.stg_targets
