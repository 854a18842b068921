none = まだだれも通っていません。
sign = 道しるべ：
mail-passed-subject = 四つ辻を通りました
mail-passed-text = { $organisation }の四つ辻を通りました。
mail-alarm-subject = 見張りが鳴りました
mail-alarm-text = { $admin_base }/ を見てください。
picture-missing = 写真を選んでください。
