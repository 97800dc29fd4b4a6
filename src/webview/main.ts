document.documentElement.dataset['switchboard'] = 'loading';
