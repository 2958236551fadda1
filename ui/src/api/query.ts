import { QueryClient } from '@tanstack/react-query'
import { problemOf } from './problem.ts'

const fresh = 15_000

/** queries keeps the server's answers. What changes elsewhere is told by the event stream, so answers stay fresh long. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: fresh,
      refetchOnWindowFocus: false,
      retry: (failures, e) => {
        const status = problemOf(e).status
        return failures < 2 && (status === 0 || status === 429 || status >= 500)
      },
      retryDelay: (n) => Math.min(8000, 500 * 2 ** n),
    },
    mutations: { retry: false },
  },
})
