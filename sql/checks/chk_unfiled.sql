-- chk_unfiled
-- what:    parts that name no batch and for which none was found, and a batch that a person named in vain
-- grain:   one row per file_sha and part_no
-- reads:   quality.filings, quality.files, quality.filing_hints
-- params:  none
select
    filings.file_sha,
    filings.part_no,
    files.provider,
    filings.dataset,
    filings.row_count,
    hints.batch_code as unknown_batch
from quality.filings as filings
inner join quality.files as files on files.file_sha = filings.file_sha
left join quality.filing_hints as hints on hints.file_sha = filings.file_sha and hints.how = 'word'
where filings.batch_code is null
order by filings.file_sha, filings.part_no
