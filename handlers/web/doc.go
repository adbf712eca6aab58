// Package web is the browser's side of Locum: it turns an HTTP request into a
// Request with an Actor, a Handler's Response into a page, and every error into
// the page, the problem document or the redirect that fits it.
//
// Protection is attached where a route is registered: App.Open, App.Signed,
// App.With and App.Raw are the only ways in, and each says by its name who may
// come. The order of the checks stands in App.admit.
//
// The package holds no rule of the domain and knows no database: authority
// comes from Config.Sessions alone. It must never show the text of an error,
// and never let a page of one organization be kept by a cache.
package web
