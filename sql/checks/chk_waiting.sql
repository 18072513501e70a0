-- chk_waiting
-- what:    how much waits to be mended by its sender, and how much came back in a mended return
-- grain:   one row
-- reads:   quality.files, quality.quarantine, quality.released
-- params:  none
with put_aside as (
    select distinct
        faults.file_sha,
        faults.part_no,
        faults.emit_no,
        exists (
            select 1 from quality.released as released
            where released.file_sha = faults.file_sha and released.dataset = faults.dataset
        ) as is_released
    from quality.quarantine as faults
    where faults.severity = 'critical'
),

refused as (
    select
        files.file_sha,
        exists (
            select 1 from quality.released as released
            where released.file_sha = files.file_sha
        ) as is_released
    from quality.files as files
    where files.refused_code is not null and not files.is_withdrawn
)

select
    (select count(*) from put_aside where not is_released) as rows_waiting,
    (select count(*) from put_aside where is_released) as rows_released,
    (select count(*) from refused where not is_released) as files_waiting,
    (select count(*) from refused where is_released) as files_released
