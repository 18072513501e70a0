-- stg_costs
-- what:    planned and actual cost of batches, in rupiah
-- grain:   one row per batch_code, cost_type and funded_by
-- reads:   accepted.costs
-- params:  none
select batch_code, cost_type, funded_by, planned_amount, actual_amount
from accepted.costs
