-- chk_occasion
-- what:    whether a test whose file does not say so was taken before or after the training of its batch
-- grain:   one row per file_sha, part_no and emit_no of a test without an occasion
-- reads:   quality.to_time, accepted.sessions, accepted.batches
-- params:  none
-- note:    before is until the end of the first session, after is from the beginning of the last one; what was
--          taken between them is neither. A single session is divided in its middle; a batch without a session
--          plan by its first and last day, if it has more than one
with bounds as (
    select
        batch_code,
        case
            when count(*) = 1 then min(starts_at) + (min(ends_at) - min(starts_at)) / 2
            else arg_min(ends_at, starts_at)
        end as before_until,
        case
            when count(*) = 1 then min(starts_at) + (min(ends_at) - min(starts_at)) / 2
            else max(starts_at)
        end as after_from
    from accepted.sessions
    group by batch_code
    union all
    select
        batch_code,
        cast(starts_on + interval 1 day as timestamp) as before_until,
        cast(ends_on as timestamp) as after_from
    from accepted.batches
    where starts_on < ends_on and batch_code not in (select sessions.batch_code from accepted.sessions as sessions)
)
select
    scores.file_sha,
    scores.part_no,
    scores.emit_no,
    case
        when scores.taken_at <= bounds.before_until then 'pre'
        when scores.taken_at >= bounds.after_from then 'post'
    end as occasion
from quality.to_time as scores
inner join bounds on bounds.batch_code = scores.batch_code
