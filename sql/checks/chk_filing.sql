-- chk_filing
-- what:    how well a part that does not name its batch fits each batch
-- grain:   one row per file_sha, part_no and batch_code that lies within reach in time
-- reads:   quality.to_file, quality.person_names, quality.enrolled_names, accepted.sessions, accepted.batches, accepted.enrolments
-- params:  $days_before, $days_after
-- note:    marks and connections must fall on a day of the batch's sessions, forms and tests from some days
--          before its first day to some days after its last; where the file names people we know, more than
--          half of them must be enrolled. A part fits if nine tenths of its rows do. A name is known if anybody
--          on the roster bears it, and enrolled if exactly one of the batch does.
with days as (
    select distinct batch_code, cast(starts_at as date) as day
    from accepted.sessions
    union
    select batch_code, cast(unnest(generate_series(starts_on, ends_on, interval 1 day)) as date) as day
    from accepted.batches
    where batch_code not in (select sessions.batch_code from accepted.sessions as sessions)
),
spans as (
    select batch_code, min(day) as first_day, max(day) as last_day
    from days
    group by batch_code
),
parts as (
    select
        file_sha,
        part_no,
        count(*) as row_count,
        min(cast(happened_at as date)) as first_day,
        max(cast(happened_at as date)) as last_day,
        count(distinct person_ref) as people_given,
        count(distinct coalesce(person_key, roster_names.name_key)) as people_known
    from quality.to_file as to_file
    left join (select distinct person_names.name_key from quality.person_names) as roster_names
        on to_file.person_key is null and roster_names.name_key = to_file.name_key
    group by file_sha, part_no
),
near as (
    select
        parts.*,
        spans.batch_code,
        greatest(
            0, date_diff('day', spans.last_day, parts.first_day), date_diff('day', parts.last_day, spans.first_day)
        ) as days_apart
    from parts
    inner join spans
        on
            parts.first_day <= spans.last_day + to_days(cast($days_after as integer))
            and parts.last_day >= spans.first_day - to_days(cast($days_before as integer))
),
fit as (
    select
        near.file_sha,
        near.part_no,
        near.batch_code,
        count(*) filter (
            to_file.is_live and exists (
                select 1 from days
                where days.batch_code = near.batch_code and days.day = cast(to_file.happened_at as date)
            )
            or not to_file.is_live and cast(to_file.happened_at as date)
            between spans.first_day - to_days(cast($days_before as integer))
            and spans.last_day + to_days(cast($days_after as integer))
        ) as rows_in_time,
        count(distinct coalesce(enrolments.person_key, named.person_key)) as people_enrolled
    from near
    inner join spans on spans.batch_code = near.batch_code
    inner join quality.to_file as to_file on to_file.file_sha = near.file_sha and to_file.part_no = near.part_no
    left join accepted.enrolments as enrolments
        on enrolments.batch_code = near.batch_code and enrolments.person_key = to_file.person_key
    left join quality.enrolled_names as named
        on
            to_file.person_key is null
            and named.people = 1
            and named.batch_code = near.batch_code
            and named.name_key = to_file.name_key
    group by near.file_sha, near.part_no, near.batch_code
)
select
    near.file_sha,
    near.part_no,
    near.batch_code,
    near.row_count,
    fit.rows_in_time,
    near.people_known,
    fit.people_enrolled,
    near.days_apart,
    10 * fit.rows_in_time >= 9 * near.row_count
    and (near.people_given = 0 or 2 * fit.people_enrolled > near.people_known) as fits
from near
inner join fit
    on fit.file_sha = near.file_sha and fit.part_no = near.part_no and fit.batch_code = near.batch_code
