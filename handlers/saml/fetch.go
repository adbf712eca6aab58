package saml

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/federation"
)

// FieldAddress is the field that the errors of a Fetcher stand at.
const FieldAddress = "address"

// Fetcher reads a provider's metadata at its address.
type Fetcher struct {
	client *http.Client
	now    func() time.Time
}

// NewFetcher makes a Fetcher that asks by these rules.
func NewFetcher(rules web.Outbound, now func() time.Time) *Fetcher {
	return &Fetcher{rules.Client(), now}
}

// Fetch reads the metadata at an address, as federation.Fetch. What is wrong
// with the address, with its answer or with the document is an error of the
// field "address".
func (f *Fetcher) Fetch(ctx context.Context, address string) (federation.Provider, error) {
	address = strings.TrimSpace(address)
	document, key, err := f.read(ctx, address)
	if key != "" {
		return federation.Provider{}, &models.Error{Kind: models.Invalid, Key: "error.invalid", Fields: models.FieldErrors{FieldAddress: models.Text(key)}, Cause: err}
	}
	p, err := ReadProvider(document, f.now())
	var told *models.Error
	if errors.As(err, &told) && told.Fields["metadata"].Key != "" {
		return p, &models.Error{Kind: told.Kind, Key: told.Key, Fields: models.FieldErrors{FieldAddress: told.Fields["metadata"]}, Cause: told.Cause}
	}
	p.MetadataURL = address
	return p, err
}

// read gets the document, or the key of the text that says why not.
func (f *Fetcher) read(ctx context.Context, address string) (document []byte, key string, err error) {
	if parsed, err := url.Parse(address); err != nil || parsed.Host == "" || parsed.User != nil || len(address) > 2000 {
		return nil, "sso.fetch.address", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "sso.fetch.address", err
	}
	request.Header.Set("Accept", "application/samlmetadata+xml, application/xml, text/xml, */*;q=0.1")
	answer, err := f.client.Do(request)
	switch {
	case errors.Is(err, web.ErrNotHTTPS):
		return nil, "sso.fetch.not_https", err
	case errors.Is(err, web.ErrPrivate):
		return nil, "sso.fetch.private", err
	case errors.Is(err, web.ErrRedirect):
		return nil, "sso.fetch.redirect", err
	case err != nil:
		return nil, "sso.fetch.unreachable", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, "sso.fetch.status", errors.New(answer.Status)
	}
	document, err = io.ReadAll(io.LimitReader(answer.Body, maxMetadata+1))
	if err != nil {
		return nil, "sso.fetch.unreachable", err
	}
	return document, "", nil
}
