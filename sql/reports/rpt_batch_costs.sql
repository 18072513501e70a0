-- rpt_batch_costs
-- what:    what a batch cost on average in the four cycles up to this one
-- grain:   one row per method, and one for all (method empty)
-- reads:   core.fct_cost, core.dim_batch
-- params:  $back_start, $cycle_end
with spent as (
    select batches.batch_code, batches.method, sum(costs.actual_amount) as amount
    from core.dim_batch as batches
    inner join core.fct_cost as costs on costs.batch_code = batches.batch_code
    where batches.closed_on >= $back_start and batches.closed_on < $cycle_end
    group by batches.batch_code, batches.method
)

select method, count(*) as batches, sum(amount) / count(*) as mean_amount
from spent
group by method
union all
select '' as method, count(*) as batches, sum(amount) / count(*) as mean_amount
from spent
having count(*) > 0
order by method
