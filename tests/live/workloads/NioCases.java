/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The JDK's own channels as the victim: a server that writes once, and one that
 * writes twice, to a client that has closed. Whether the client had read
 * everything decides which of the two well-known messages comes up, and when.
 */
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

public class NioCases {
	static final String RESET = "Connection reset by peer";
	static final String RESET_READ = "Connection reset";
	static final String PIPE = "Broken pipe";

	interface Call {
		int run() throws IOException;
	}

	/* One connection: the channels of both ends. */
	static class Connection {
		final SocketChannel client, server;

		Connection() throws IOException {
			try (ServerSocketChannel listener = ServerSocketChannel.open()) {
				listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
				client = SocketChannel.open(listener.getLocalAddress());
				server = listener.accept();
			}
		}
	}

	static ByteBuffer bytes() {
		return ByteBuffer.wrap("some bytes".getBytes());
	}

	static void fails(String what, String message, Call call) {
		String got = "no exception";
		try {
			call.run();
		} catch (IOException e) {
			got = e.getMessage();
		}
		if (!got.equals(message)) {
			System.err.println("NioCases: " + what + ": expected \"" + message + "\", got \"" + got + "\"");
			System.exit(1);
		}
	}

	/* The client had bytes left to read: its close() is the reset. */
	static Connection closedUnread() throws IOException {
		Connection c = new Connection();
		c.server.write(bytes());
		c.client.socket().getInputStream().read();
		c.client.close();
		return c;
	}

	/* The client had read everything: its close() is a FIN, and the reset is yet to come. */
	static Connection closedCleanly() throws IOException {
		Connection c = new Connection();
		c.client.close();
		if (c.server.read(ByteBuffer.allocate(1)) != -1)
			throw new IOException("the end was not seen");
		return c;
	}

	static void writesOnce() throws IOException {
		Connection c = closedUnread();
		fails("writes once", RESET, () -> c.server.write(bytes()));
		c.server.close();
	}

	static void writesTwice() throws IOException {
		Connection c = closedUnread();
		fails("writes twice, first", RESET, () -> c.server.write(bytes()));
		fails("writes twice, second", PIPE, () -> c.server.write(bytes()));
		c.server.close();
	}

	/* The one write succeeds, and nobody ever learns of the reset. */
	static void writesOnceAfterFin() throws IOException {
		Connection c = closedCleanly();
		c.server.write(bytes());
		c.server.close();
	}

	static void writesTwiceAfterFin() throws IOException {
		Connection c = closedCleanly();
		c.server.write(bytes());
		fails("writes twice after FIN", PIPE, () -> c.server.write(bytes()));
		c.server.close();
	}

	static void gathersAfterFin() throws IOException {
		Connection c = closedCleanly();
		c.server.write(bytes());
		fails("gathering write", PIPE,
		      () -> (int) c.server.write(new ByteBuffer[] { bytes(), bytes() }));
		c.server.close();
	}

	static void readsInstead() throws IOException {
		Connection c = closedUnread();
		fails("reads", RESET_READ, () -> c.server.read(ByteBuffer.allocate(10)));
		c.server.close();
	}

	public static void main(String[] args) throws IOException {
		writesOnce();
		writesTwice();
		writesOnceAfterFin();
		writesTwiceAfterFin();
		gathersAfterFin();
		readsInstead();
	}
}
