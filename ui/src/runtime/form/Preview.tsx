import { useQuery } from '@tanstack/react-query'
import { bytes } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Empty } from '../../kit/state.tsx'
import { fileAddress, storedQuery } from './upload.ts'

/** Preview shows pictures large, one after the other; other files can be saved. */
export function Preview({
  ids,
  at,
  onMove,
  onClose,
}: {
  ids: string[]
  at: string
  onMove: (id: string) => void
  onClose: () => void
}) {
  const { data } = useQuery(storedQuery(at))
  const i = ids.indexOf(at)
  const name = data?.name ?? t('form.file')
  return (
    <Dialog
      title={name}
      open
      look="full"
      onClose={onClose}
      foot={
        <>
          <span className="soft grow">
            {i + 1} / {ids.length} {data && data.size > 0 && ` · ${bytes(data.size)}`}
          </span>
          {ids.length > 1 && (
            <>
              <IconButton
                icon="left"
                label={t('common.previous')}
                isDisabled={i <= 0}
                onPress={() => onMove(ids[i - 1]!)}
              />
              <IconButton
                icon="right"
                label={t('common.next')}
                isDisabled={i >= ids.length - 1}
                onPress={() => onMove(ids[i + 1]!)}
              />
            </>
          )}
          <a className="btn btn-plain btn-m" href={fileAddress(at)} download={name}>
            {t('form.saveFile')}
          </a>
        </>
      }
    >
      {data?.type.startsWith('image/') ? (
        <img className="preview" src={fileAddress(at)} alt={name} />
      ) : (
        <Empty icon="file" title={name} text={t('form.noPreview')} />
      )}
    </Dialog>
  )
}
