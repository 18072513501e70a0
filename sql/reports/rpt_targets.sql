-- rpt_targets
-- what:    the year's targets
-- grain:   one row per metric_id
-- reads:   core.dim_target
-- params:  $year
select metric_id, target
from core.dim_target
where year = $year
order by metric_id
