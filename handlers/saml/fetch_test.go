package saml

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"locum/handlers/web"
	"locum/models"
)

func fetcher(public string) *Fetcher {
	u, err := url.Parse(public)
	if err != nil {
		panic(err)
	}
	return NewFetcher(web.OutboundFor(u, nil), func() time.Time { return now })
}

func TestMetadataIsReadAtItsAddress(t *testing.T) {
	answers := map[string]func(http.ResponseWriter){
		"/metadata": func(w http.ResponseWriter) { w.Write(metadata(nil)) },
		"/page":     func(w http.ResponseWriter) { w.Write([]byte("<html>sign in</html>")) },
		"/two": func(w http.ResponseWriter) {
			one := bytes.TrimSpace(metadata(nil))
			w.Write([]byte(`<md:EntitiesDescriptor xmlns:md="` + nsMetadata + `">` + string(one) + string(bytes.ReplaceAll(bytes.ReplaceAll(one, []byte(`ID="`), []byte(`ID="x`)), []byte(idpEntity), []byte("https://other.example"))) + `</md:EntitiesDescriptor>`))
		},
		"/over":  func(w http.ResponseWriter) { w.Write(bytes.Repeat([]byte(" "), maxMetadata+10)) },
		"/dtd":   func(w http.ResponseWriter) { w.Write(append([]byte("<!DOCTYPE x>"), metadata(nil)...)) },
		"/gone":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) },
		"/moved": func(w http.ResponseWriter) { w.Header().Set("Location", "/metadata"); w.WriteHeader(http.StatusFound) },
		"/ended": func(w http.ResponseWriter) {
			w.Write(bytes.Replace(metadata(nil), []byte("<md:EntityDescriptor "), []byte(`<md:EntityDescriptor validUntil="2020-01-01T00:00:00Z" `), 1))
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers[r.URL.Path](w) }))
	defer server.Close()
	read, err := fetcher("http://localhost:8080").Fetch(t.Context(), " "+server.URL+"/metadata\n")
	if err != nil || read.EntityID != idpEntity || read.MetadataURL != server.URL+"/metadata" {
		t.Fatalf("read %+v (%v)", read, err)
	}
	ended := httptest.NewServer(http.NotFoundHandler())
	ended.Close()
	for _, wrong := range []struct{ address, key string }{
		{server.URL + "/page", "saml.error.metadata_malformed.body"},
		{server.URL + "/two", "saml.error.metadata_several.body"},
		{server.URL + "/over", "saml.error.metadata_too_large.body"},
		{server.URL + "/dtd", "saml.error.document_type.body"},
		{server.URL + "/ended", "saml.error.metadata_expired.body"},
		{server.URL + "/gone", "sso.fetch.status"},
		{server.URL + "/moved", "sso.fetch.redirect"},
		{ended.URL, "sso.fetch.unreachable"},
		{"http://login.devries.example/metadata", "sso.fetch.not_https"},
		{"file:///etc/passwd", "sso.fetch.address"},
		{"gopher://login.devries.example/", "sso.fetch.not_https"},
		{"https://me:secret@login.devries.example/", "sso.fetch.address"},
		{"login.devries.example", "sso.fetch.address"},
		{"https://10.0.0.1/metadata", "sso.fetch.private"},
		{"https://[::ffff:169.254.169.254]/latest", "sso.fetch.private"},
	} {
		_, err := fetcher("http://localhost:8080").Fetch(t.Context(), wrong.address)
		var told *models.Error
		if !errors.As(err, &told) || told.Kind != models.Invalid || told.Fields[FieldAddress].Key != wrong.key {
			t.Errorf("%s: %+v, want %s", wrong.address, err, wrong.key)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fetcher("http://localhost:8080").Fetch(gone, server.URL+"/metadata"); err == nil {
		t.Error("read after the request was given up")
	}
}
