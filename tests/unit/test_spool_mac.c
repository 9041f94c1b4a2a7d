#include "tests/unit/spool_stage.h"
int main(void){return 0;}
