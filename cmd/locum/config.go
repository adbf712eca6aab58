package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"locum/handlers/jobs"
)

// database says where things are kept. It is what every command needs.
type database struct {
	DatabaseURL string `name:"database-url" env:"LOCUM_DATABASE_URL" placeholder:"URL" help:"sqlite:PATH or postgres://user:password@host/name. By default sqlite:locum.db in the data folder."`
	Data        string `name:"data" env:"LOCUM_DATA" default:"data" placeholder:"FOLDER" help:"Folder for the database and the keys."`
}

func (d database) url() string {
	if d.DatabaseURL != "" {
		return d.DatabaseURL
	}
	return "sqlite:" + filepath.Join(d.Data, "locum.db")
}

// explain says which setting leads to a database that cannot be opened.
func (d database) explain(err error) error {
	var why unopened
	switch {
	case !errors.As(err, &why):
		return err
	case d.DatabaseURL == "":
		return fmt.Errorf("%w. The setting LOCUM_DATA is %q; choose a folder in which the program may write, for example LOCUM_DATA=/var/lib/locum", err, d.Data)
	}
	return fmt.Errorf("%w. The setting is LOCUM_DATABASE_URL, for example LOCUM_DATABASE_URL=postgres://locum:password@localhost:5432/locum", err)
}

// settings is the configuration of a hub that serves.
type settings struct {
	database       `embed:""`
	Listen         string   `env:"LOCUM_LISTEN" default:"localhost:8080" help:"Address to serve on, host:port."`
	PublicURL      string   `name:"public-url" env:"LOCUM_PUBLIC_URL" placeholder:"URL" help:"The address people use, such as https://access.company.example. By default http:// and the address served on; then only this machine is served."`
	KeyFile        string   `name:"key-file" env:"LOCUM_KEY_FILE" placeholder:"FILE" help:"The installation's keys; every replica needs the same. By default keys.json in the data folder, made at the first start."`
	SMTPAddress    string   `name:"smtp-address" env:"LOCUM_SMTP_ADDRESS" default:"localhost:25" help:"Mail server, host:port."`
	SMTPTLS        string   `name:"smtp-tls" env:"LOCUM_SMTP_TLS" default:"starttls" enum:"starttls,tls,none" help:"How the way to the mail server is protected: starttls, tls or none."`
	SMTPUser       string   `name:"smtp-user" env:"LOCUM_SMTP_USER" help:"User at the mail server; empty for none."`
	SMTPPassword   string   `name:"smtp-password" env:"LOCUM_SMTP_PASSWORD" help:"Password at the mail server."`
	MailFrom       string   `name:"mail-from" env:"LOCUM_MAIL_FROM" default:"Locum <locum@localhost.localdomain>" help:"Sender of every mail."`
	TrustedProxies []string `name:"trusted-proxies" env:"LOCUM_TRUSTED_PROXIES" placeholder:"CIDR" help:"Networks of the proxies in front, whose X-Forwarded-For is believed."`
	ForwardDomain  string   `name:"forward-domain" env:"LOCUM_FORWARD_DOMAIN" placeholder:"DOMAIN" help:"The parent domain that the hub shares with applications behind a proxy, such as company.example: one cookie then counts for all of them. By default each of their hosts gets its own."`
	MetricsFrom    []string `name:"metrics-from" env:"LOCUM_METRICS_FROM" placeholder:"CIDR" help:"Networks that may read /metrics; this machine alone by default."`
	AllowPrivate   []string `name:"allow-private-addresses" env:"LOCUM_ALLOW_PRIVATE_ADDRESSES" placeholder:"CIDR" help:"Private networks in which addresses that people type may lead, such as that of an identity provider's metadata or of a webhook; none by default."`
	LogLevel       string   `name:"log-level" env:"LOCUM_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"How much is logged: debug, info, warn or error."`

	logTo io.Writer // standard error when nil
}

// wrong says which setting is wrong, what is, and what a right one looks like.
func wrong(setting, value, why, example string) error {
	return fmt.Errorf("the setting %s is %q, and %s. For example: %s=%s", setting, value, why, setting, example)
}

func (s settings) log() *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(s.LogLevel)) != nil {
		level = slog.LevelInfo
	}
	to := s.logTo
	if to == nil {
		to = os.Stderr
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level}))
}

func (s settings) keyFile() string {
	if s.KeyFile != "" {
		return s.KeyFile
	}
	return filepath.Join(s.Data, "keys.json")
}

// public reads the address people use. Without one it follows from the address
// that is served on.
func (s settings) public(listening net.Addr) (*url.URL, error) {
	text := s.PublicURL
	if text == "" {
		host, _, err := net.SplitHostPort(s.Listen)
		if err != nil {
			return nil, wrong("LOCUM_LISTEN", s.Listen, "that is no address", "localhost:8080")
		}
		_, port, err := net.SplitHostPort(listening.String())
		if err != nil {
			return nil, err
		}
		if ip := net.ParseIP(host); host == "" || ip != nil {
			if ip != nil && !ip.IsLoopback() || host == "" {
				return nil, wrong("LOCUM_PUBLIC_URL", "", "the hub would be served to other machines without https", "https://access.company.example")
			}
			host = "localhost"
		}
		text = "http://" + net.JoinHostPort(host, port)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, wrong("LOCUM_PUBLIC_URL", text, "that is no web address", "https://access.company.example")
	}
	return u, nil
}

func (s settings) smtp() (jobs.SMTPConfig, error) {
	host, port, err := net.SplitHostPort(s.SMTPAddress)
	if err != nil {
		return jobs.SMTPConfig{}, wrong("LOCUM_SMTP_ADDRESS", s.SMTPAddress, "that is no address of a mail server", "mail.company.example:587")
	}
	number, err := net.LookupPort("tcp", port)
	if err != nil {
		return jobs.SMTPConfig{}, wrong("LOCUM_SMTP_ADDRESS", s.SMTPAddress, "its port is none", "mail.company.example:587")
	}
	if _, err := mail.ParseAddress(s.MailFrom); err != nil {
		return jobs.SMTPConfig{}, wrong("LOCUM_MAIL_FROM", s.MailFrom, "that is no mail address", `"Locum <access@company.example>"`)
	}
	return jobs.SMTPConfig{Host: host, Port: number, TLS: jobs.TLSMode(s.SMTPTLS), User: s.SMTPUser, Password: s.SMTPPassword, From: s.MailFrom}, nil
}

func networks(setting string, texts []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if address, err := netip.ParseAddr(text); err == nil {
			list = append(list, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, wrong(setting, text, "that is no network", "10.0.0.0/8")
		}
		list = append(list, network)
	}
	return list, nil
}

// listen opens an address, and says in plain words why that cannot be done.
func listen(setting, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, wrong(setting, address, "that is no address", "localhost:8080")
	}
	if host == "localhost" {
		host = "127.0.0.1" // on some machines the name leads to several addresses
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("the address %s cannot be served on: %w. Another program may use it; choose another port with %s, or port 0 for any free one", address, err, setting)
	}
	return l, nil
}
