package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"locum/models/access"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/vault"
)

type doctor struct {
	settings `embed:""`
}

// Run looks at each part of the configuration, and says what is wrong with it.
func (d *doctor) Run(ctx context.Context) error {
	failed := 0
	check := func(what string, err error) {
		if err != nil {
			failed++
			fmt.Printf("wrong  %s: %v\n", what, err)
			return
		}
		fmt.Printf("right  %s\n", what)
	}
	check("public address", d.checkPublic())
	s, err := store.Open(ctx, store.Config{URL: d.url(), Derive: access.Derive})
	check("database", err)
	if s != nil {
		empty, err := access.Empty(ctx, s)
		if _, missing := os.Stat(d.keys().KeyFile); err == nil && !(empty && missing != nil) {
			_, err = secret.Load(d.keys().KeyFile)
		}
		check("keys", err)
		check("master key", d.checkMaster(ctx, s))
		s.Close()
	}
	check("mail server", d.checkMail(ctx))
	_, err = networks("LOCUM_TRUSTED_PROXIES", d.TrustedProxies)
	check("trusted proxies", err)
	if failed > 0 {
		return fmt.Errorf("%d of the settings are wrong", failed)
	}
	return nil
}

// checkMaster holds the master key against the database, and makes none.
func (d *doctor) checkMaster(ctx context.Context, s *store.Store) error {
	known, err := vault.Sealed(ctx, s)
	if err != nil {
		return err
	}
	if _, missing := os.Stat(d.keys().MasterKey); !known && missing != nil {
		return nil // serve makes it
	}
	master, err := secret.LoadMaster(d.keys().MasterKey)
	if err == nil && known {
		err = vault.Admit(ctx, s, master)
	}
	return explainMaster(err, d.keys().MasterKey)
}

func (d *doctor) checkPublic() error {
	address, err := net.ResolveTCPAddr("tcp", d.Listen)
	if err != nil {
		return wrong("LOCUM_LISTEN", d.Listen, "that is no address", "localhost:8080")
	}
	public, err := d.public(address)
	if err != nil {
		return err
	}
	return loopbackOrSecure(public)
}

func loopbackOrSecure(public *url.URL) error {
	if ip := net.ParseIP(public.Hostname()); public.Scheme == "https" || public.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return wrong("LOCUM_PUBLIC_URL", public.String(), "without https only this machine can be served", "https://access.company.example")
}

// checkMail asks whether the mail server can be reached; it sends nothing.
func (d *doctor) checkMail(ctx context.Context) error {
	if _, err := d.smtp(); err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", d.SMTPAddress)
	if err != nil {
		return fmt.Errorf("%s does not answer: people can work, mails wait until it does (%w)", d.SMTPAddress, err)
	}
	return conn.Close()
}
