-- stg_batches
-- what:    batches with the day their last session ends, which decides their cycle
-- grain:   one row per batch_code
-- reads:   accepted.batches, staging.stg_sessions
-- params:  none
select
    batches.batch_code,
    batches.programme_code,
    batches.starts_on,
    batches.ends_on,
    batches.assignment,
    batches.capacity,
    batches.follow_up_planned,
    coalesce(max(cast(coalesce(sessions.ends_at, sessions.starts_at) as date)), batches.ends_on) as closed_on,
    count(sessions.session_code) as session_count,
    cast(coalesce(sum(sessions.jp), 0) as decimal(18, 4)) as jp_scheduled
from accepted.batches as batches
left join staging.stg_sessions as sessions on sessions.batch_code = batches.batch_code
group by
    batches.batch_code,
    batches.programme_code,
    batches.starts_on,
    batches.ends_on,
    batches.assignment,
    batches.capacity,
    batches.follow_up_planned
