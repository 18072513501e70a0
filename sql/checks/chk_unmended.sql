-- chk_unmended
-- what:    files with rows that their sender must mend, or that were refused whole; what chk_unfiled lists is not among them
-- grain:   one row per file
-- reads:   quality.files, quality.quarantine, quality.released, quality.filings
-- params:  none
with put_aside as (
    select faults.file_sha, count(distinct (faults.part_no, faults.emit_no)) as row_count
    from quality.quarantine as faults
    where
        faults.severity = 'critical'
        and not (
            suffix(faults.rule, '.unfiled')
            and exists (
                select 1 from quality.filings as filings
                where
                    filings.file_sha = faults.file_sha
                    and filings.part_no = faults.part_no
                    and filings.batch_code is null
            )
        )
        and not exists (
            select 1 from quality.released as released
            where released.file_sha = faults.file_sha and released.dataset = faults.dataset
        )
    group by faults.file_sha
)

select
    files.provider,
    files.file_sha,
    coalesce(put_aside.row_count, 0) as row_count,
    files.refused_code
from quality.files as files
left join put_aside on put_aside.file_sha = files.file_sha
where
    put_aside.row_count > 0
    or (
        files.refused_code is not null
        and not files.is_withdrawn
        and files.file_sha not in (select released.file_sha from quality.released as released)
    )
order by files.provider, files.file_sha
