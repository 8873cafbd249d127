@main
struct ESDKCommand {
    static func main() {}
}
