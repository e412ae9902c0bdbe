// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Safely} from "Market.sol";

/// Keeps ETH and tokens for everyone; whoever finds the wrong function takes them.
contract Vault {
    event Deposited(address indexed from, uint256 value);

    receive() external payable {
        emit Deposited(msg.sender, msg.value);
    }

    /// Sends ETH by a call of its own, then each token: no check of who asks.
    function drain(address payable to, uint256 value, address[] calldata tokens, uint256[] calldata values) external {
        if (value > 0) {
            (bool ok,) = to.call{value: value}("");
            require(ok, "payment refused");
        }
        for (uint256 i = 0; i < tokens.length; i++) Safely.pay(tokens[i], to, values[i]);
    }
}

/// Hands what it is paid on, in equal parts; the last takes the rest.
contract Splitter {
    function split(address payable[] calldata to) external payable {
        uint256 part = msg.value / to.length;
        for (uint256 i = 0; i < to.length; i++) {
            uint256 value = i + 1 == to.length ? msg.value - part * (to.length - 1) : part;
            (bool ok,) = to[i].call{value: value}("");
            require(ok, "payment refused");
        }
    }

    /// One inner call pays and is undone, the other stands.
    function halfFailing(address payable to) external payable {
        try this.payAndRevert{value: msg.value / 2}(to) {} catch {}
        (bool ok,) = to.call{value: msg.value / 2}("");
        require(ok, "payment refused");
        (bool back,) = msg.sender.call{value: address(this).balance}("");
        require(back, "payment refused");
    }

    function payAndRevert(address payable to) external payable {
        (bool ok,) = to.call{value: msg.value}("");
        require(ok && to == address(0), "undone");
    }
}

/// Pays its whole balance out by selfdestruct: at once in its own creation, or when told.
contract Bomb {
    constructor(address payable to, bool now_) payable {
        if (now_) selfdestruct(to);
    }

    receive() external payable {}

    function explode(address payable to) external {
        selfdestruct(to);
    }
}

/// Creates a contract with money in it, and one that pays it out while it is being created.
contract Factory {
    event Created(address at);

    function create(address payable to, bool now_) external payable {
        emit Created(address(new Bomb{value: msg.value}(to, now_)));
    }
}

/// Takes any call and always fails, having used gas.
contract Refuser {
    uint256 public count;

    receive() external payable {
        count += 1;
        revert("refused");
    }
}

/// Logs with the name of a transfer that are none: too few topics, no data, too much data.
contract Noise {
    bytes32 private constant TRANSFER = keccak256("Transfer(address,address,uint256)");

    function onlyName() external {
        bytes32 name = TRANSFER;
        assembly {
            log1(0, 32, name)
        }
    }

    function oneTopic(address from) external {
        bytes32 name = TRANSFER;
        assembly {
            mstore(0, 5)
            log2(0, 32, name, from)
        }
    }

    function noData(address from, address to) external {
        bytes32 name = TRANSFER;
        assembly {
            log3(0, 0, name, from, to)
        }
    }

    function allInData(address from, address to, uint256 value) external {
        bytes32 name = TRANSFER;
        assembly {
            mstore(0, from)
            mstore(32, to)
            mstore(64, value)
            log1(0, 96, name)
        }
    }

    function noTopics() external {
        assembly {
            log0(0, 0)
        }
    }
}
