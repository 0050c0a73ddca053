import { applyTheme } from './ui/theme.ts';
import { startPage } from './page.ts';

applyTheme();
startPage(document.getElementById('page')!);
