"""How the audit list words each act; a test compares this page with what the actions record."""

from archives.workflow import MONTHLY_REPORT
from dropout.workflow import CASE
from students.workflow import ROLL_CHANGE

WORDS = {
    # the house
    "signed_in": "登录",
    "signed_out": "退出",
    "sign_in_failed": "登录未成",
    "refused": "越权尝试",
    "identity_confirmed": "再次确认身份",
    "account_opened": "开设账号",
    "account_disabled": "停用账号",
    "account_enabled": "恢复账号",
    "password_changed": "修改密码",
    "password_reset": "重置密码",
    "role_granted": "授予角色",
    "role_ended": "结束角色",
    "roles_handed_over": "交接",
    "county_started": "建县",
    "file_fetched": "下载文件",
    "parameter_set": "设定县级参数",
    # children and the lists they come from
    "child_page": "查看学生",
    "household_page": "查看户",
    "numbers_unmasked": "查看完整证件号",
    "children_exported": "导出学生台账",
    "account_exported": "导出总账",
    "account_names_exported": "导出总账名单",
    "list_received": "接收名单",
    "list_applied": "名单入库",
    "list_undone": "撤销名单",
    "list_withdrawn": "放弃名单",
    "columns_mapped": "对应列名",
    "annotated_list_fetched": "下载批注名单",
    "match_page": "查看待确认匹配",
    "match_confirmed": "确认是同一人",
    "match_rejected": "确认不是同一人",
    "standings_recorded": "登记去向",
    "standings_proposed": "提出去向（待复核）",
    "standings_decided": "复核去向",
    "standings_ended": "结束去向",
    "school_days_declared": "登记校历",
    "school_day_withdrawn": "取消校历安排",
    "term_set": "录入学期",
    "children_merged": "合并学生记录",
    "child_split": "拆分学生记录",
    "merge_undone": "撤销合并、拆分",
    "merge_page": "并排查看两条记录",
    "attendance_marked": "登记考勤",
    "leave_slip_given": "登记假条",
    "leave_slip_withdrawn": "取消假条",
    "leave_slip_photo": "查看假条照片",
    "leave_slips_viewed": "查看学生假条",
    # the roll lives
    "roll_change_started": "申请学籍异动",
    "roll_change_viewed": "查看学籍异动",
    "roll_change_proof_viewed": "查看异动材料",
    "roll_change_printed": "打印异动申请表",
    "roll_changes_exported": "导出学籍异动",
    "child_asked_by_number": "按证件号查找转入学生",
    "guardian_called": "电话核实家长",
    "guardian_phone_viewed": "查看家长电话（核实）",
    "guardian_calls_drawn": "抽取电话核实样本",
    "guardian_calls_viewed": "查看电话核实名单",
    # out of school
    "cases_opened": "列为疑似",
    "case_viewed": "查看个案",
    "child_viewed": "查看学生（列为疑似前）",
    "cases_exported": "导出个案",
    "evidence_viewed": "查看证明材料",
    "attendance_recorded": "登记到校天数",
    "visit_recorded": "登记劝返走访",
    "visit_corrected": "更正劝返走访",
    # reports
    "reports_made": "生成月报",
    "report_obligations_refreshed": "更新应报单位",
    "report_mode_set": "设定报送方式",
    "report_text_saved": "填写月报",
    "report_corrected": "更正月报",
    "report_names": "查看月报数字的名单",
    "report_exported": "导出月报",
    "report_scan_joined": "收入纸质扫描件",
    "report_scan_opened": "查看纸质扫描件",
}
# A step of a workflow is worded as its button is.
WORDS |= {f"case_{name}": f"个案：{step.label}" for name, step in CASE.table.items()}
WORDS |= {f"roll_change_{name}": f"学籍异动：{step.label}" for name, step in ROLL_CHANGE.table.items()}
WORDS |= {f"report_{name}": f"月报：{step.label}" for name, step in MONTHLY_REPORT.table.items()}
WORDS |= {f"{paper}_printed": f"打印：{words}" for paper, words in {"persuasion-record": "劝返记录", "register": "情况登记表"}.items()}
