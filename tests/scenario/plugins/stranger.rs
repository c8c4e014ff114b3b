//! stranger.rs: a strategy in Rust that knows nothing of this tree but the layout of the ABI: it joins the best bid once.
//!
//! rustc --edition 2021 --crate-type cdylib -O -o stranger_rust.so stranger.rs
//! The structs are those of sdk/include/aioquant, as far as they are used; no panic leaves a callback.
#![allow(non_upper_case_globals)]

use std::ffi::{c_void, CString};
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;

const AQ_MAGIC: u32 = 0x3150_5141;
const AQ_STRATEGY: u32 = 1;
const AQ_EINVAL: i32 = -1;
const AQ_ENOSYS: i32 = -5;
const AQ_OPT_MARKET: u16 = 9;
const AQ_OPT_QUANTITY: u16 = 12;
const AQ_REQUIRED: u32 = 1;
const AQ_BOOK: u32 = 0x100;
const AQ_EV_DOWNLOADED: u16 = 1;
const AQ_EV_BOOK: u16 = 21;
const AQ_BUY: u8 = 1;
const AQ_LIMIT: u8 = 1;
const AQ_LOG_INFO: i32 = 2;

// ---- the ABI ----

#[repr(C)]
pub struct Err {
    code: i32,
    text: [u8; 508],
}

type Unused = *const c_void;

#[repr(C)]
pub struct Host {
    size: u32,
    abi_major: u16,
    abi_minor: u16,
    owner: *mut c_void,
    log: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
    now: Unused,
    timer_set: Unused,
    timer_clear: Unused,
    post: Unused,
    wake: Unused,
    conf_get: Unused,
    random: Unused,
    fail: unsafe extern "C" fn(*mut c_void, *const c_char),
    extension: unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Event {
    size: u32,
    kind: u16,
    flags: u16,
    instrument: u32,
    account: u32,
    seq: u64,
    tag: u64,
    time_ns: i64,
    venue_ns: i64,
}

#[repr(C)]
struct Top {
    seq: u64,
    venue_ns: i64,
    arrival_ns: i64,
    bid: i64,
    ask: i64,
    bid_qty: i64,
    ask_qty: i64,
    valid: u8,
    why: u8,
    reserved: [u8; 6],
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Market {
    instrument: u32,
    account: u32,
}

#[repr(C)]
struct Place {
    size: u32,
    account: u32,
    instrument: u32,
    side: u8,
    intention: u8,
    kind: u8,
    tif: u8,
    tag: u64,
    price: i64,
    qty: i64,
    trigger: i64,
    display_qty: i64,
    quote_qty: [u64; 2],
    expiry_ns: i64,
    deadline_ns: i64,
    position_side: u8,
    margin_mode: u8,
    post_only: u8,
    reduce_only: u8,
    self_trade: u8,
    trigger_source: u8,
    reserved: [u8; 2],
    parent: u64,
    list: u64,
}

#[repr(C)]
struct Orders {
    size: u32,
    reserved: u32,
    place: unsafe extern "C" fn(*mut c_void, *const Place) -> i64,
}

#[repr(C)]
pub struct Opt {
    name: *const c_char,
    kind: u16,
    size: u16,
    flags: u32,
    offset: u32,
    reserved: u32,
    fallback: *const c_char,
    min: *const c_char,
    max: *const c_char,
    of: *const c_char,
    values: *const c_char,
    help: *const c_char,
}

#[repr(C)]
pub struct Plugin {
    magic: u32,
    abi_major: u16,
    abi_minor: u16,
    size: u32,
    kind: u32,
    name: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    options: *const Opt,
    state_schema: u32,
    state_oldest: u32,
    create: unsafe extern "C" fn(*const Host, *mut *mut c_void, *mut Err) -> i32,
    check: Unused,
    start: unsafe extern "C" fn(*mut c_void, *mut Err) -> i32,
    stop: Unused,
    destroy: unsafe extern "C" fn(*mut c_void),
    save: Unused,
    load: Unused,
    on_event: unsafe extern "C" fn(*mut c_void, *const Event),
    ops: Unused,
}
unsafe impl Sync for Plugin {}
unsafe impl Sync for Opt {}

// ---- the strategy ----

#[repr(C)]
struct Stranger {
    market: Market, // offset 0
    size: i64,      // offset 8; the host fills both
    host: *const Host,
    orders: *const Orders,
    placed: bool,
}

const fn text(bytes: &'static [u8]) -> *const c_char {
    bytes.as_ptr() as *const c_char
}

const fn option(name: &'static [u8], kind: u16, flags: u32, offset: u32, help: &'static [u8]) -> Opt {
    Opt { name: text(name), kind, size: 8, flags: flags | AQ_REQUIRED, offset, reserved: 0, fallback: null(), min: null(),
          max: null(), of: null(), values: null(), help: text(help) }
}

static OPTIONS: [Opt; 3] = [
    option(b"market\0", AQ_OPT_MARKET, AQ_BOOK, 0, b"account:symbol to trade\0"),
    option(b"size\0", AQ_OPT_QUANTITY, 0, 8, b"quantity of the bid\0"),
    Opt { name: null(), kind: 0, size: 0, flags: 0, offset: 0, reserved: 0, fallback: null(), min: null(), max: null(),
          of: null(), values: null(), help: null() },
];

impl Stranger {
    fn say(&self, line: &str) {
        let line = CString::new(line).unwrap_or_default();
        unsafe { ((*self.host).log)((*self.host).owner, AQ_LOG_INFO, line.as_ptr()) }
    }

    fn book(&mut self, top: &Top) {
        if self.placed || top.valid == 0 {
            return;
        }
        let order = Place { size: std::mem::size_of::<Place>() as u32, account: self.market.account,
            instrument: self.market.instrument, side: AQ_BUY, intention: 0, kind: AQ_LIMIT, tif: 0, tag: 1, price: top.bid,
            qty: self.size, trigger: 0, display_qty: 0, quote_qty: [0; 2], expiry_ns: 0, deadline_ns: 0, position_side: 0,
            margin_mode: 0, post_only: 1, reduce_only: 0, self_trade: 0, trigger_source: 0, reserved: [0; 2], parent: 0,
            list: 0 };
        let id = unsafe { ((*self.orders).place)((*self.host).owner, &order) };
        self.placed = true;
        self.say(&format!("joined the best bid with order {}", id));
    }
}

unsafe extern "C" fn create(host: *const Host, out: *mut *mut c_void, _err: *mut Err) -> i32 {
    let made = catch_unwind(|| {
        Box::new(Stranger { market: Market { instrument: 0, account: 0 }, size: 0, host, orders: null(), placed: false })
    });
    match made {
        Ok(stranger) => {
            *out = Box::into_raw(stranger) as *mut c_void;
            0
        }
        Err(_) => AQ_EINVAL,
    }
}

unsafe extern "C" fn start(this: *mut c_void, _err: *mut Err) -> i32 {
    let stranger = &mut *(this as *mut Stranger);
    let host = &*stranger.host;
    stranger.orders = (host.extension)(host.owner, text(b"aq.draft.orders/1\0")) as *const Orders;
    if stranger.orders.is_null() { AQ_ENOSYS } else { 0 }
}

unsafe extern "C" fn destroy(this: *mut c_void) {
    if !this.is_null() {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(Box::from_raw(this as *mut Stranger))));
    }
}

unsafe extern "C" fn on_event(this: *mut c_void, event: *const Event) {
    let stranger = &mut *(this as *mut Stranger);
    let host = stranger.host;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        if (*event).kind == AQ_EV_BOOK && (*event).flags & AQ_EV_DOWNLOADED == 0 {
            stranger.book(&*(event.add(1) as *const Top));
        }
    }));
    if ended.is_err() {
        ((*host).fail)((*host).owner, text(b"a callback has panicked\0"));
    }
}

#[no_mangle]
pub static aq_plugin_1: Plugin = Plugin {
    magic: AQ_MAGIC,
    abi_major: 1,
    abi_minor: 2,
    size: std::mem::size_of::<Plugin>() as u32,
    kind: AQ_STRATEGY,
    name: text(b"stranger_rust\0"),
    version: text(b"1\0"),
    summary: text(b"joins the best bid once\0"),
    options: OPTIONS.as_ptr(),
    state_schema: 0,
    state_oldest: 0,
    create,
    check: null(),
    start,
    stop: null(),
    destroy,
    save: null(),
    load: null(),
    on_event,
    ops: null(),
};
