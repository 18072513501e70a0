-- dim_batch
-- what:    batches with their cycle and the cycles in which their follow-up matures
-- grain:   one row per batch_code
-- reads:   staging.stg_batches, staging.stg_programmes
-- params:  none
-- note:    a batch belongs to the cycle in which its last session ends; ratings after 3 and 6 months
--          mature that many months later
select
    batches.batch_code,
    batches.programme_code,
    programmes.method,
    programmes.partner_code,
    batches.starts_on,
    batches.ends_on,
    batches.closed_on,
    cycle_of(batches.closed_on) as cycle,
    cycle_of(cast(batches.closed_on + interval 3 month as date)) as follow_up_cycle_t3,
    cycle_of(cast(batches.closed_on + interval 6 month as date)) as follow_up_cycle_t6,
    batches.assignment,
    batches.capacity,
    batches.follow_up_planned,
    batches.session_count,
    batches.jp_scheduled
from staging.stg_batches as batches
inner join staging.stg_programmes as programmes on programmes.programme_code = batches.programme_code
