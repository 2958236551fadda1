package sheet

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"tenon/metamodel/diag"
)

var errDirectory = errors.New("oversized zip directory")

// meteredReader remembers the source's own failure, so that it isn't mistaken for a damaged file, and can
// bound how much is read.
type meteredReader struct {
	r    io.ReaderAt
	left int64 // bytes that may still be read; negative is unbounded
	err  error
}

// ReadAt implements io.ReaderAt.
func (m *meteredReader) ReadAt(p []byte, off int64) (int, error) {
	if m.left >= 0 {
		if m.left -= int64(len(p)); m.left < 0 {
			m.left = 0
			return 0, errDirectory
		}
	}
	if off < 0 {
		return 0, zip.ErrFormat // a damaged directory points before the start
	}
	n, err := m.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}

// archive is a zip whose entries were all judged before any is opened.
type archive struct {
	src   *meteredReader
	files map[string]*zip.File // by lower-case path
}

func badZip(reason string) error { return diag.Refuse("import.bad_zip", "", "reason", reason) }

func tooLarge(what string, actual, limit any) error {
	return diag.Refuse("import.too_large", "", "what", what, "actual", actual, "limit", limit)
}

func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	a := &archive{src: &meteredReader{r: r, left: maxDirectoryBytes}, files: map[string]*zip.File{}}
	z, err := zip.NewReader(a.src, size)
	switch {
	case errors.Is(err, errDirectory):
		return nil, tooLarge("zip directory", ">"+megabytes(maxDirectoryBytes), megabytes(maxDirectoryBytes))
	case a.src.err != nil:
		return nil, a.src.err
	case err != nil:
		return nil, badZip("not a zip")
	}
	a.src.left = -1
	if len(z.File) > MaxEntries {
		return nil, tooLarge("zip entries", len(z.File), MaxEntries)
	}
	var total uint64
	for _, f := range z.File {
		if err := checkEntry(f); err != nil {
			return nil, err
		}
		if total += f.UncompressedSize64; f.UncompressedSize64 > MaxUnzippedBytes || total > MaxUnzippedBytes {
			return nil, tooLarge("unzipped", ">"+megabytes(MaxUnzippedBytes), megabytes(MaxUnzippedBytes))
		}
		key := strings.ToLower(f.Name)
		if _, twice := a.files[key]; twice {
			return nil, badZip("an entry occurs twice")
		}
		a.files[key] = f
	}
	if total > ratioFloor && total > uint64(size)*MaxRatio {
		return nil, badZip("compression ratio over the limit")
	}
	return a, nil
}

// archiveSuffixes are entries that would need unpacking themselves.
var archiveSuffixes = map[string]bool{".zip": true, ".xlsx": true, ".xlsm": true, ".docx": true, ".pptx": true, ".gz": true, ".tgz": true, ".bz2": true, ".xz": true, ".7z": true, ".rar": true, ".jar": true, ".tar": true}

func checkEntry(f *zip.File) error {
	switch name := f.Name; {
	case f.Flags&1 != 0:
		return diag.Refuse("import.encrypted", "")
	case name == "" || name[0] == '/' || strings.ContainsAny(name, "\\:\x00") || !fs.ValidPath(strings.TrimSuffix(name, "/")):
		return badZip("an entry's path leaves the file")
	case f.Mode()&(fs.ModeSymlink|fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0:
		return badZip("an entry is a link or a device")
	case archiveSuffixes[strings.ToLower(path.Ext(name))]:
		return badZip("an archive inside the archive")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return badZip("an unknown compression")
	}
	return nil
}

// open returns an entry's content, bounded by what the entry declares and by the limits whatever it declares.
func (a *archive) open(f *zip.File) (*partReader, error) {
	rc, err := f.Open()
	if err != nil {
		return nil, a.fault(err)
	}
	return &partReader{archive: a, rc: rc, left: int64(min(f.UncompressedSize64, MaxUnzippedBytes))}, nil
}

// fault explains an error that came up while reading: the source's own, one of ours, or damage.
func (a *archive) fault(err error) error {
	var p *diag.Problem
	if errors.As(err, &p) {
		return err
	}
	if a.src.err != nil {
		return a.src.err
	}
	return badZip("damaged content")
}

// partReader reads one entry and never more than it declared.
type partReader struct {
	archive *archive
	rc      io.ReadCloser
	left    int64
}

// Read implements io.Reader.
func (p *partReader) Read(b []byte) (int, error) {
	n, err := p.rc.Read(b)
	if p.left -= int64(n); p.left < 0 {
		return 0, badZip("an entry is longer than it declares")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, p.archive.fault(err)
	}
	return n, err
}

// Close implements io.Closer.
func (p *partReader) Close() error {
	if err := p.rc.Close(); err != nil {
		return p.archive.fault(err)
	}
	return nil
}
