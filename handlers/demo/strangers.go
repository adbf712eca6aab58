// Package demo holds the strangers that Locum meets in life: an identity
// provider, a directory, a receiver of webhooks and a mail server, so that the
// whole story can be lived with nothing but Go. They meet over the wire only, by
// SAML, SCIM, HTTP and SMTP, and know no more of the hub than a real stranger
// would.
//
// It must never import the hub's models, store or other handlers, never share
// memory with the hub, and never run beside real data: whoever can open its
// pages can sign in as anybody and read every mail.
package demo

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// Config says who the strangers are and where they can be reached. Only URL is
// required.
type Config struct {
	// URL is the address browsers and the hub reach the strangers at, without a
	// path: "http://127.0.0.1:8081".
	URL string
	// Hub is the hub's own address: "http://localhost:8080". Pages link back to
	// it, and a service provider whose metadata address lies under it need not
	// be registered: it is looked up there when it first asks.
	Hub string
	// Folder keeps the signing key and the mails between runs. Empty keeps both
	// in memory.
	Folder string
	// Tenants are the companies that the identity provider serves.
	Tenants []Tenant
	// ServiceProviders are known from the start; AddServiceProvider adds more.
	ServiceProviders []ServiceProvider
	// People and Teams are who and what groups are in the directory at the start.
	People []Profile
	Teams  []Team
	// Now is the clock. Nil is time.Now.
	Now func() time.Time
}

// completed fills what may be left out.
func (c Config) completed() Config {
	c.URL = strings.TrimRight(c.URL, "/")
	c.Hub = strings.TrimRight(c.Hub, "/")
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Strangers are all of them behind one address.
type Strangers struct {
	// IdentityProvider answers under /idp.
	IdentityProvider *IdentityProvider
	// Directory answers under /directory, and asks the hub by SCIM.
	Directory *Directory
	// Receiver answers under /receiver, and takes webhooks.
	Receiver *Receiver
	// Mailbox answers under /mail and takes mail by SMTP.
	Mailbox *Mailbox

	config  Config
	handler http.Handler
}

// NewStrangers makes all of them, and reads back what an earlier run left in the
// folder.
func NewStrangers(config Config) (*Strangers, error) {
	config = config.completed()
	provider, err := NewIdentityProvider(config)
	if err != nil {
		return nil, err
	}
	folder := ""
	if config.Folder != "" {
		folder = filepath.Join(config.Folder, "mail")
	}
	mailbox, err := NewMailbox(folder, config.Now)
	if err != nil {
		return nil, err
	}
	directory, err := NewDirectory(config)
	if err != nil {
		return nil, err
	}
	receiver, err := NewReceiver(config)
	if err != nil {
		return nil, err
	}
	s := &Strangers{IdentityProvider: provider, Directory: directory, Receiver: receiver, Mailbox: mailbox, config: config}
	mux := http.NewServeMux()
	mux.Handle("/idp", provider)
	mux.Handle("/idp/", provider)
	mux.Handle("/directory", directory)
	mux.Handle("/directory.json", directory)
	mux.Handle("/directory/", directory)
	mux.Handle("/receiver", receiver)
	mux.Handle("/receiver.json", receiver)
	mux.Handle("/receiver/", receiver)
	mux.Handle("/mail", mailbox)
	mux.Handle("/mail.json", mailbox)
	mux.Handle("/mail/", mailbox)
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /assets/", serveAsset)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "Nothing here", "This address leads nowhere.")
	})
	s.handler = sameOriginWrites(mux)
	return s, nil
}

// sameOriginWrites refuses changes that another site's page sends, except the
// SAML bindings, whose very purpose is to come from another site.
func sameOriginWrites(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("POST /idp/{tenant}/sso")
	return protection.Handler(next)
}

// ServeHTTP answers the pages of all strangers.
func (s *Strangers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.handler.ServeHTTP(w, r)
}

// Run serves pages on web and SMTP on mail until the context ends. It closes
// both listeners, and returns nil after an orderly end.
func (s *Strangers) Run(ctx context.Context, web, mail net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		// Streams and waiting requests end with this context, so that a
		// shutdown need not wait for them.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	directory := make(chan struct{})
	go func() { defer close(directory); s.Directory.Run(ctx) }()
	defer func() { cancel(); <-directory }()
	ended := make(chan error, 2)
	go func() { ended <- server.Serve(web) }()
	go func() { ended <- s.Mailbox.Serve(mail) }()
	var first error
	select {
	case <-ctx.Done():
	case first = <-ended:
	}
	cancel()
	patience, done := context.WithTimeout(context.Background(), 3*time.Second)
	defer done()
	shut := server.Shutdown(patience)
	if errors.Is(first, http.ErrServerClosed) {
		first = nil
	}
	return errors.Join(first, shut, s.Mailbox.Close())
}

// index explains what is here.
func (s *Strangers) index(w http.ResponseWriter, _ *http.Request) {
	count, unread := s.Mailbox.count()
	render(w, http.StatusOK, "index", map[string]any{
		"Hub": s.config.Hub, "Tenants": s.IdentityProvider.summaries(), "Count": count, "Unread": unread,
	})
}
