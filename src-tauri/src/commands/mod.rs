//! The window's commands, one file for each of the window's subjects. Each says who asks and what for; everything
//! else is in the rooms below.

pub mod books;
pub mod find;
pub mod payment;
pub mod practice;
pub mod sale;
pub mod sales;
pub mod session;
pub mod sync;

/// Every command with its function; `command_names::COMMANDS` names the same ones for the permissions.
#[macro_export]
macro_rules! handlers {
    () => {
        tauri::generate_handler![
            $crate::commands::session::app_state,
            $crate::commands::session::set_up,
            $crate::commands::session::sign_in,
            $crate::commands::session::sign_out,
            $crate::commands::session::staff_add,
            $crate::commands::sale::categories,
            $crate::commands::sale::catalogue,
            $crate::commands::sale::scan,
            $crate::commands::sale::sale_current,
            $crate::commands::sale::sale_add,
            $crate::commands::sale::sale_set_quantity,
            $crate::commands::sale::sale_void,
            $crate::commands::sale::sale_park,
            $crate::commands::sale::sale_parked,
            $crate::commands::sale::sale_resume,
            $crate::commands::payment::pay_cash,
            $crate::commands::payment::readers,
            $crate::commands::payment::pay_card,
            $crate::commands::payment::payment_cancel,
            $crate::commands::payment::payment_try_again,
            $crate::commands::practice::practice_tap,
            $crate::commands::practice::practice_cards,
            $crate::commands::sales::sale,
            $crate::commands::sales::sales,
            $crate::commands::sales::refund,
            $crate::commands::find::find,
            $crate::commands::find::record,
            $crate::commands::sync::sync_status,
            $crate::commands::sync::sync_now,
            $crate::commands::sync::sync_details,
            $crate::commands::sync::sync_certify,
            $crate::commands::sync::sync_full_check,
            $crate::commands::sync::sync_hurry,
            $crate::commands::sync::sync_pause,
            $crate::commands::sync::sync_go_on,
            $crate::commands::sync::sync_cancel,
            $crate::commands::sync::receiver_on,
            $crate::commands::sync::receiver_off,
            $crate::commands::sync::receiver_practice,
            $crate::commands::books::export_transactions,
            $crate::commands::books::journal_check,
        ]
    };
}
