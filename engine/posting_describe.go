package engine

import (
	"context"
	"fmt"

	"tenon/metamodel"
)

// describeKey names a key for the person who posts to it: the item, the warehouse, the batch.
func (w *writer) describeKey(ctx context.Context, l *metamodel.Ledger, dims []any) (string, error) {
	var out string
	for i, f := range l.Dimensions {
		text, err := w.describe(ctx, f, dims[i])
		if err != nil {
			return "", err
		}
		if text == "" {
			continue
		}
		if out != "" {
			out += " · "
		}
		out += text
	}
	return out, nil
}

func (w *writer) describe(ctx context.Context, f *metamodel.Field, v any) (string, error) {
	s, ok := v.(string)
	switch {
	case v == nil:
		return "", nil
	case !ok:
		return fmt.Sprint(v), nil
	case f.Kind.IsReference():
		row, err := w.Related(ctx, f.Target, s)
		if err != nil || row == nil {
			return "", err
		}
		return w.nameOf(w.call.Snap.Of(f.Target), row), nil
	case f.Enum != nil:
		if o := f.Enum.Option(s); o != nil {
			return o.Title.In(w.call.Locale), nil
		}
	}
	return s, nil
}
