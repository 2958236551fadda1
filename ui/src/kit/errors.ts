import { type Finding, problemOf } from '../api/problem.ts'

/** fieldErrors sorts the findings of a refusal by the field they are about: "/email" → {email: "…"}. What belongs to no
 * field of the form is under "". */
export function fieldErrors(e: unknown, fields: string[]): Record<string, string> {
  const out: Record<string, string> = {}
  if (!e) return out
  const p = problemOf(e)
  const put = (at: string, f: Pick<Finding, 'message' | 'cure'>): void => {
    const text = f.cure ? `${f.message} ${f.cure}` : f.message
    out[at] = out[at] ? `${out[at]} ${text}` : text
  }
  for (const f of p.errors) {
    const at = f.pointer.split('/')[1] ?? ''
    put(fields.includes(at) ? at : '', f)
  }
  if (p.errors.length === 0) put('', { message: p.detail || p.message })
  return out
}
