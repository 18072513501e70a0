-- fct_cost
-- what:    planned and actual cost of batches, in rupiah, in the batch's cycle
-- grain:   one row per batch_code, cost_type and funded_by
-- reads:   staging.stg_costs, staging.stg_batches
-- params:  none
select
    costs.batch_code,
    costs.cost_type,
    costs.funded_by,
    costs.planned_amount,
    costs.actual_amount,
    cycle_of(batches.closed_on) as cycle
from staging.stg_costs as costs
inner join staging.stg_batches as batches on batches.batch_code = costs.batch_code
