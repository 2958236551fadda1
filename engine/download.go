package engine

import "io"

// Download is a file to send: Write produces its content.
type Download struct {
	Name        string
	ContentType string
	Size        int64 // -1 when it isn't known before
	Write       func(w io.Writer) error
}

// download wraps content that is at hand.
func download(name, contentType string, body []byte) *Download {
	return &Download{Name: name, ContentType: contentType, Size: int64(len(body)), Write: func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	}}
}
