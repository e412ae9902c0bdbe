// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Balances are shares of a total that the owner changes without a log for the holders; transfers are logged in tokens.
contract Rebasing {
    string public name = "Rebasing";
    string public symbol = "RBS";
    uint8 public decimals = 18;
    address public owner;
    uint256 public totalSupply;
    uint256 public totalShares;
    mapping(address => uint256) public sharesOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply) {
        owner = msg.sender;
        totalSupply = supply;
        totalShares = supply;
        sharesOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function balanceOf(address account) public view returns (uint256) {
        return (sharesOf[account] * totalSupply) / totalShares;
    }

    function rebase(uint256 supply) external {
        require(msg.sender == owner, "owner only");
        totalSupply = supply;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 shares = (value * totalShares) / totalSupply;
        sharesOf[msg.sender] -= shares;
        sharesOf[to] += shares;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}
