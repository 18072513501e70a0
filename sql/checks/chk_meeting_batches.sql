-- chk_meeting_batches
-- what:    to which batch a meeting belongs, by its ID
-- grain:   one row per meeting_id, or per meeting_id and day where several batches met under one ID
-- reads:   accepted.sessions
-- params:  none
-- note:    spaces in an ID, as Zoom shows it, mean nothing; day is null where the ID belongs to one batch; an ID that two batches used on one day tells nothing
with held as (
    select distinct
        replace(meeting_id, ' ', '') as meeting_id,
        cast(starts_at as date) as day,
        batch_code,
        min(batch_code) over (partition by replace(meeting_id, ' ', ''))
        = max(batch_code) over (partition by replace(meeting_id, ' ', '')) as is_single
    from accepted.sessions
    where meeting_id is not null
)
select meeting_id, cast(null as date) as day, min(batch_code) as batch_code
from held
where is_single
group by meeting_id
union all
select meeting_id, day, min(batch_code) as batch_code
from held
where not is_single
group by meeting_id, day
having count(*) = 1
