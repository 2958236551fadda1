package schema

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Limits of an archive that holds an app.
const (
	MaxArchive = 16 << 20 // bytes, packed
	MaxRatio   = 100      // unpacked to packed, of one file
	ratioFloor = 64 << 10 // bytes that any file may unpack to, however well it is packed
)

// WriteZip packs an app's documents, as Encode gives them. The same documents give the same bytes.
func WriteZip(files map[string][]byte) ([]byte, error) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate})
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", path, err)
		}
		if _, err := f.Write(files[path]); err != nil {
			return nil, fmt.Errorf("pack %s: %w", path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("close the archive: %w", err)
	}
	return buf.Bytes(), nil
}

// ReadZip unpacks an app's documents by path. All files may be in one folder of the archive's root; anything
// that is not a document at its place is refused, as are links, nested archives, paths that lead elsewhere and
// files that unpack to more than they should. Nothing is unpacked beyond the limits, whatever the archive says
// of itself.
func ReadZip(archive []byte) (map[string][]byte, diag.List) {
	if len(archive) > MaxArchive {
		return nil, diag.List{tooMany(whatArchive, "", len(archive), MaxArchive)}
	}
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, diag.List{diag.New("pack.unreadable", "")}
	}
	if len(r.File) > metamodel.MaxDocuments {
		return nil, diag.List{tooMany(whatEntries, "", len(r.File), metamodel.MaxDocuments)}
	}
	p := &unpacking{files: map[string][]byte{}, root: commonRoot(r.File)}
	for _, f := range r.File {
		if p.total > metamodel.MaxAppBytes {
			break // reported
		}
		p.entry(f)
	}
	if p.list.HasErrors() {
		return nil, p.list.Sort()
	}
	return p.files, nil
}

// commonRoot is the one folder that everything is in, with its slash; "" when app.json is at the top.
func commonRoot(files []*zip.File) string {
	root := ""
	for _, f := range files {
		first, _, inside := strings.Cut(f.Name, "/")
		if !inside || root != "" && root != first+"/" {
			return ""
		}
		root = first + "/"
	}
	for kind := range maxDocumentsOf {
		if root == kind.Folder()+"/" {
			return ""
		}
	}
	if root == "./" || root == "../" || root == "/" {
		return ""
	}
	return root
}

type unpacking struct {
	files map[string][]byte
	root  string
	total int
	list  diag.List
}

func (p *unpacking) entry(f *zip.File) {
	name := strings.TrimPrefix(f.Name, p.root)
	if f.Mode().IsDir() && (name == "" || isFolder(strings.TrimSuffix(name, "/"))) {
		return
	}
	key, ok := metamodel.ParseDocKey(name)
	safe := ok && key.Path() == name && fs.ValidPath(name) && f.Mode().IsRegular() && (key.Kind == metamodel.KindApp || metamodel.IsName(key.Name))
	switch {
	case !safe:
		p.list.Add("pack.entry_unsafe", "", "name", clip(f.Name))
		return
	case p.files[name] != nil:
		p.list.Add("pack.entry_duplicate", "", "name", name)
		return
	}
	body, problem := p.unpack(f, key.Pointer())
	if problem != nil {
		p.list = append(p.list, *problem)
		return
	}
	p.files[name] = body
}

func isFolder(name string) bool {
	for kind := range maxDocumentsOf {
		if name != "" && name == kind.Folder() {
			return true
		}
	}
	return false
}

// unpack reads one file, counting what really comes out.
func (p *unpacking) unpack(f *zip.File, path string) ([]byte, *diag.Diagnostic) {
	refuse := func(d diag.Diagnostic) ([]byte, *diag.Diagnostic) { return nil, &d }
	limit := metamodel.MaxDocumentBytes
	r, err := f.Open()
	if err != nil {
		return refuse(diag.New("pack.unreadable", path))
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if closeErr := r.Close(); err != nil || closeErr != nil {
		return refuse(diag.New("pack.unreadable", path))
	}
	p.total += len(body)
	switch packed := f.CompressedSize64; {
	case len(body) > limit:
		return refuse(tooMany(whatBytes, path, len(body), limit))
	case len(body) > ratioFloor && uint64(len(body)) > packed*MaxRatio:
		return refuse(diag.New("pack.ratio", path, "name", clip(f.Name)))
	case p.total > metamodel.MaxAppBytes:
		return refuse(tooMany(whatUnpacked, path, p.total, metamodel.MaxAppBytes))
	}
	if body == nil {
		body = []byte{}
	}
	return body, nil
}
