// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface Erc20 {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

/// Any call that must not fail, whether or not it returns a bool.
library Safely {
    function pay(address token, address to, uint256 value) internal {
        (bool ok,) = token.call(abi.encodeWithSelector(Erc20.transfer.selector, to, value));
        require(ok, "token refused");
    }

    function take(address token, address from, uint256 value) internal {
        (bool ok,) = token.call(abi.encodeWithSelector(Erc20.transferFrom.selector, from, address(this), value));
        require(ok, "token refused");
    }
}

/// ETH against one token, x · y = k, three thousandths fee.
contract Pool {
    address public immutable token;

    constructor(address token_) payable {
        token = token_;
    }

    receive() external payable {}

    function swapETHForToken(uint256 least) external payable {
        uint256 paid = msg.value * 997;
        uint256 held = address(this).balance - msg.value;
        uint256 out = (paid * Erc20(token).balanceOf(address(this))) / (held * 1000 + paid);
        require(out >= least, "price moved");
        Safely.pay(token, msg.sender, out);
    }

    function swapTokenForETH(uint256 value, uint256 least) external {
        uint256 held = Erc20(token).balanceOf(address(this));
        Safely.take(token, msg.sender, value);
        uint256 paid = (Erc20(token).balanceOf(address(this)) - held) * 997;
        uint256 out = (paid * address(this).balance) / (held * 1000 + paid);
        require(out >= least, "price moved");
        (bool ok,) = msg.sender.call{value: out}("");
        require(ok, "payment refused");
    }
}

contract WETH9 {
    string public name = "Wrapped Ether";
    string public symbol = "WETH";
    uint8 public decimals = 18;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Approval(address indexed src, address indexed guy, uint256 wad);
    event Transfer(address indexed src, address indexed dst, uint256 wad);
    event Deposit(address indexed dst, uint256 wad);
    event Withdrawal(address indexed src, uint256 wad);

    receive() external payable {
        deposit();
    }

    function deposit() public payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function withdraw(uint256 wad) external {
        balanceOf[msg.sender] -= wad;
        (bool ok,) = msg.sender.call{value: wad}("");
        require(ok, "payment refused");
        emit Withdrawal(msg.sender, wad);
    }

    function totalSupply() external view returns (uint256) {
        return address(this).balance;
    }

    function approve(address guy, uint256 wad) external returns (bool) {
        allowance[msg.sender][guy] = wad;
        emit Approval(msg.sender, guy, wad);
        return true;
    }

    function transfer(address dst, uint256 wad) external returns (bool) {
        return transferFrom(msg.sender, dst, wad);
    }

    function transferFrom(address src, address dst, uint256 wad) public returns (bool) {
        if (src != msg.sender) allowance[src][msg.sender] -= wad;
        balanceOf[src] -= wad;
        balanceOf[dst] += wad;
        emit Transfer(src, dst, wad);
        return true;
    }
}
