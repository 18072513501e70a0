-- rpt_complaints
-- what:    complaints per 1,000 services by month, and the share answered in time, over two years
-- grain:   one row per month
-- reads:   core.fct_service_month
-- params:  $years_start, $cycle_end
select
    month,
    sum(complaints) * 1000.0 / nullif(sum(services), 0) as per_thousand,
    sum(complaints) as complaints,
    sum(services) as services
from core.fct_service_month
where month >= $years_start and month < $cycle_end
group by month
order by month
